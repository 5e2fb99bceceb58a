"""Page: editor."""

from app.shell import guarded
from app.views import editor

guarded(editor.show)
