"""The bundled plugins: one package for each concern, none of which knows another."""
