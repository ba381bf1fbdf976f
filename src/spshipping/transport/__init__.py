"""Sends calls: builds, reserves, sends, reads, and repeats where that is safe."""
