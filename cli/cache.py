"""JAX's compile cache in the user's cache folder: the command line alone switches it on."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """Where compiled programs are kept."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "forecast"


def use_cache() -> None:
    """Switch the cache on; a damaged or unwritable one costs time and nothing else."""
    import logging
    import warnings

    # matplotlib keeps its list of fonts in the same place, and says so where it cannot.
    for name in ("jax._src.compilation_cache", "jax._src.compiler", "matplotlib"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="Error (reading|writing) persistent compilation")
    try:
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        # No such place, or nobody's home folder is known.
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        return
    import jax

    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
