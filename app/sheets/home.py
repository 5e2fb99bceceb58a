"""Page: home."""

from app.shell import guarded
from app.views import home

guarded(home.show)
