"""Journeys in a real browser (真实浏览器里的全过程): Chromium through Playwright, against a running server."""
