"""Receivers of the signals of the apps below; each calls one service."""
