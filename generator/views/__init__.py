"""Views: pure functions from the catalog to what one page shows, in one language, without HTML."""
