"""Handlers of ours, for models of known libraries that come without code: only forms that run no code when they are loaded."""
