"""How a call crosses: build, wait its turn, send, read, and repeat where that is safe."""
