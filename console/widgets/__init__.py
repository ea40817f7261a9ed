"""The widgets of the console; each takes plain values and knows no store."""
