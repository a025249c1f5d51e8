name = "{{ cookiecutter.slug }}"
port = {{ cookiecutter.settings.port }}
