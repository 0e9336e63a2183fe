"""Published claims beside what arithmetic and measurement say of them."""
