"""Page: workshop."""

from app.shell import guarded
from app.views import workshop

guarded(workshop.show)
