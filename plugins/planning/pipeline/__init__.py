"""The data-pipeline domain, in parts: facts and conditions, operators, methods, watches."""
