// Below the path of cert-manager's module, since Go lets only these packages import its internal ones.
module github.com/cert-manager/cert-manager/shim

go 1.26.0
