"""gunicorn's settings for pages and API: ``gunicorn -c python:studies.serving.pages``."""

wsgi_app = "studies.wsgi"
worker_class = "studies.serving.worker.Worker"
workers = 2
threads = 4
timeout = 180
control_socket_disable = True
