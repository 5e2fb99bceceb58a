"""Page: figures."""

from app.shell import guarded
from app.views import figures

guarded(figures.show)
