"""Files that are received or kept whole or not at all: a full disk leaves no part behind and loses no form."""

import io
import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

log = logging.getLogger(__name__)


class WholeFileStorage(FileSystemStorage):
    """Django's storage; what could not be written to its end is deleted, and OSError goes on."""

    def _save(self, name: str, content: Any) -> str:
        was_there = self.exists(name)
        try:
            return str(super()._save(name, content))  # type: ignore[misc]
        except OSError:
            if not was_there:
                Path(self.path(name)).unlink(missing_ok=True)
            raise


class LostUpload(UploadedFile):
    """Stands for a file that could not be received; the other fields of its form arrived."""

    def __init__(self, name: str) -> None:
        super().__init__(io.BytesIO(), name, size=0)


def is_lost(upload: Any) -> bool:
    """Whether the server had no room for the file while it was being received."""
    return isinstance(upload, LostUpload)


class LargeUploadHandler(TemporaryFileUploadHandler):
    """As Django's, which keeps a large file in the temporary directory; a full one costs that file, not the form."""

    is_lost = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.is_lost = False
        try:
            super().new_file(*args, **kwargs)
        except OSError:
            self._lose()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if not self.is_lost:
            try:
                super().receive_data_chunk(raw_data, start)
            except OSError:
                self._lose()

    def file_complete(self, file_size: int) -> Any:
        if not self.is_lost:
            try:
                return super().file_complete(file_size)
            except OSError:
                self._lose()
        return LostUpload(str(self.file_name))

    def _lose(self) -> None:
        log.exception(
            "an upload of %s bytes could not be kept in the temporary directory", self.content_length
        )
        self.is_lost = True
        with suppress(OSError, AttributeError):
            self.file.close()
