#!/bin/sh
# Serves one page that names the fleet.
dnf install -y nginx
echo "Hello from ${name}" > /usr/share/nginx/html/index.html
systemctl enable --now nginx
