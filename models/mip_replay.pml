/*
 * Room mip: a registration of Mobile IPv4 that was seen on the wire is sent once more.
 *
 * The mobile node registers REGISTRATIONS times, each time from another care-of address and with a
 * higher Identification. The attacker cannot make a registration, only repeat what it saw. The home
 * agent refuses an Identification that is not above the last one. It may die once and come back;
 * its bindings are durable, and the question is whether the last Identification is.
 *
 * run: fails never_back -DCHECKS=0
 *      without replay protection any old registration counts
 * run: holds never_back arrives -DCRASHES=0
 *      the last Identification is enough while the agent lives
 * run: fails never_back -DDURABLE=0
 *      after a restart without it, a replay moves the binding back
 * run: holds never_back arrives
 *      durable before the binding moves, it holds over a restart
 */

#ifndef CHECKS
#define CHECKS 1          /* the home agent compares Identifications at all */
#endif
#ifndef DURABLE
#define DURABLE 1         /* the last one outlives a restart */
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef REPLAYS
#define REPLAYS 3
#endif
#define REGISTRATIONS 3   /* the n-th has Identification n and care-of address n */

chan net = [6] of { byte };
byte seen;                /* the newest registration that was on the wire: all up to it were */
byte last;                /* Identification of the last registration that was accepted */
byte care_of;
bool went_back;

active proctype MobileNode()
{
    byte id = 1;

    do
    :: id <= REGISTRATIONS ->
        atomic { seen = id; net!id };
        care_of >= id;              /* its registration reply */
        id++
    :: else -> break
    od
}

active proctype Attacker()
{
    byte id, replays;

end:
    do
    :: atomic { replays < REPLAYS && seen > 0 ->
        replays++;
        select (id : 1 .. seen);
        net!id }
    od
}

active proctype HomeAgent()
{
    byte id, crashes;

end:
    do
    :: atomic { net?id ->
        if
        :: CHECKS && id <= last     /* refused */
        :: !CHECKS || id > last ->
            last = id;              /* durable before the binding moves, where it is */
            went_back = went_back || id < care_of;
            care_of = id
        fi }
    :: atomic { crashes < CRASHES && last > 0 ->
        crashes++;
        last = (DURABLE -> last : 0) }
    od
}

/* The binding never moves to where the mobile node was before. */
ltl never_back { [] !went_back }

/* In the end it is where the mobile node is. */
ltl arrives { <> [] (care_of == REGISTRATIONS) }
