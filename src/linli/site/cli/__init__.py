"""The command line (命令行): one small module a command, each with TITLE, `arguments(parser)` and `run(options)`."""
