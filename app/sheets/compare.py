"""Page: compare."""

from app.shell import guarded
from app.views import compare

guarded(compare.show)
