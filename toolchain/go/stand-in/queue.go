package main

import (
	"bufio"
	"context"
	"log"
	"net"
	"time"
)

// queueWorker waits until NATS answers, and then idles: the gateway's stand-in makes asynchronous calls itself.
func queueWorker(ctx context.Context, _ arguments) error {
	address := net.JoinHostPort(
		first(env("faas_nats_address", ""), env("nats_host", "nats")),
		first(env("faas_nats_port", ""), env("nats_port", "4222")))
	for {
		err := greeted(address)
		if err == nil {
			break
		}
		log.Printf("NATS at %s: %v", address, err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(2 * time.Second):
		}
	}
	log.Printf("NATS at %s answers; this stand-in takes nothing from the queue", address)
	<-ctx.Done()
	return nil
}

// greeted connects to NATS, which speaks first.
func greeted(address string) error {
	connection, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return err
	}
	defer connection.Close()
	_ = connection.SetReadDeadline(time.Now().Add(5 * time.Second))
	_, err = bufio.NewReader(connection).ReadString('\n')
	return err
}
