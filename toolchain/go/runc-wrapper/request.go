package main

import (
	"path/filepath"
	"strings"
)

// A request is the file that describes the process to start.
type request struct {
	file string
	// Whether the file is a bundle's config.json, which holds the process, or the process alone.
	isBundle bool
}

// Global options of runc that take a value.
var withValue = map[string]bool{"log": true, "log-format": true, "root": true, "criu": true, "rootless": true}

// parse finds the file in runc's arguments: of `create` and `run` the bundle's, of `exec` the one after --process.
func parse(args []string) request {
	command, rest := "", args
	for index := 0; index < len(args); index++ {
		name, isOption := strings.CutPrefix(args[index], "-")
		if !isOption {
			command, rest = args[index], args[index+1:]
			break
		}
		if withValue[strings.TrimPrefix(name, "-")] {
			index++
		}
	}
	switch command {
	case "create", "run":
		return request{filepath.Join(option(rest, "bundle", "b"), "config.json"), true}
	case "exec":
		return request{option(rest, "process", "p"), false}
	}
	return request{}
}

// option is the value of an option, in any of the forms that runc accepts: -x v, -x=v, --x v, --x=v.
func option(args []string, names ...string) string {
	for index, arg := range args {
		name, isOption := strings.CutPrefix(arg, "-")
		if !isOption {
			continue
		}
		name, value, hasValue := strings.Cut(strings.TrimPrefix(name, "-"), "=")
		for _, wanted := range names {
			switch {
			case name != wanted:
			case hasValue:
				return value
			case index+1 < len(args):
				return args[index+1]
			}
		}
	}
	return ""
}
