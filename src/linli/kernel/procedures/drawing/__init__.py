"""Drawings of a procedure (程序图): one graph, one layout, three ways to say it: SVG, Mermaid, BPMN 2.0."""
