// A folder by the file server of net/http.
//
//	server ADDRESS:PORT FOLDER
package main

import (
	"log"
	"net/http"
	"os"
)

func main() {
	log.Fatal(http.ListenAndServe(os.Args[1], http.FileServer(http.Dir(os.Args[2]))))
}
