"""Methods on small networks. Every public file here defines one, as ``SPEC``."""
