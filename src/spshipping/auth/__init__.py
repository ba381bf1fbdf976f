"""Who may cross: credentials, and the tokens that they are exchanged for."""
