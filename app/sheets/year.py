"""Page: year."""

from app.shell import guarded
from app.views import year

guarded(year.show)
