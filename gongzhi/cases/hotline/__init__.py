"""The exchange with a hotline (12345): tickets come in as files, answers go back as files or over HTTP."""
