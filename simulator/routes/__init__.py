"""What Azure and the sites tell each other over every kind of link, and where a packet would go by it.

One propagation (`tables`) says who holds which route; everything else is read from it: what gateways learned and
advertise, what a site's device shows, effective routes, next hops, reachability, and whether anybody has two ways to
one address. This package answers no calls of its own and writes no documents.
"""
