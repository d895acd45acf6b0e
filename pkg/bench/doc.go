// Package bench compares Accord with plain PromQL, on the same server and data in
// one run, and prints a line for each requirement that it must meet. It is run by
// `go tool mage bench`; without the build tag it is empty.
package bench
