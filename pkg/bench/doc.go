// Package bench measures Accord beside plain PromQL, on the same engine and
// data in one run, and prints a line for each bar that it must reach. It is
// run by `go tool mage bench`; without the build tag it is empty.
package bench
