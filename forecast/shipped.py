"""Where the priors and scenarios that come with the package lie."""

from importlib.resources import files
from pathlib import Path


def priors() -> Path:
    """Folder of the shipped priors, one YAML file per block of the model.

    Returns
    -------
    Path
    """
    return _folder("forecast.priors")


def observations() -> Path:
    """Folder of the shipped observations, one YAML file per publication.

    Returns
    -------
    Path
    """
    return priors() / "observations"


def scenarios() -> Path:
    """Folder of the shipped scenarios, worlds and policies.

    Returns
    -------
    Path
    """
    return _folder("forecast.scenarios")


def _folder(package: str) -> Path:
    # Packages are installed unpacked (no zip), so the traversable is a real folder.
    return Path(str(files(package)))
