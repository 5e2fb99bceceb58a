"""Page: invest."""

from app.shell import guarded
from app.views import invest

guarded(invest.show)
