package main

import "os"

func main() {
	os.Stdout.WriteString("Hello, world!\n")
}
