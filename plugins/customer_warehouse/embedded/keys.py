"""The secrets of the embedded Airflow: generated once, kept in files that only their owner may read."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

USER = "admin"


@dataclass(frozen=True, repr=False)
class Keys:
    """What Airflow's services share and nobody else may know."""

    fernet_key: str
    api_secret_key: str
    jwt_secret: str
    admin_password: str


def load_keys(folder: Path) -> Keys:
    """The keys in `folder`, generated the first time. Also writes Airflow's file of passwords beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "airflow.json"
    if not file.exists():
        keys = Keys(
            fernet_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            api_secret_key=secrets.token_urlsafe(48),
            jwt_secret=secrets.token_urlsafe(64),
            admin_password=secrets.token_urlsafe(12),
        )
        write_private(file, json.dumps(asdict(keys)))
    keys = Keys(**json.loads(file.read_text(encoding="utf-8")))
    if not passwords_file(folder).exists():
        write_private(passwords_file(folder), json.dumps({USER: keys.admin_password}) + "\n")
    return keys


def passwords_file(folder: Path) -> Path:
    """The file that Airflow's simple auth manager reads users' passwords from."""
    return folder / "passwords.json"


def write_private(file: Path, text: str) -> None:
    """Write `text` to `file` so that it is never, not even for a moment, readable by others."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
