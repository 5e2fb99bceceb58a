"""Page: scheme."""

from app.shell import guarded
from app.views import scheme

guarded(scheme.show)
