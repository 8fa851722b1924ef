"""The server side of the field app (外勤应用的服务端): its protocol, and the lead's pages. See docs/reference/field-protocol.md."""
