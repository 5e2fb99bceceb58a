"""Page: optimise."""

from app.shell import guarded
from app.views import optimise

guarded(optimise.show)
