// Command autoscaler is Knative Serving's. The rest of it is upstream's, put beside this file before the build.
package main

import "os"

// statsServerAddr is where the activator and the queue proxies report to; a fixed port of every address upstream.
var statsServerAddr = os.Getenv("STATS_SERVER_ADDRESS")
