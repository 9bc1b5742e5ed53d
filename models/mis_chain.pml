/*
 * Room mis: how far one captured point of service (PoS) sees, when each PoS derives the key of the
 * next one.
 *
 * A mobile node moves from PoS to PoS. In the optimised establishment of a security association the
 * serving PoS makes the key for the target, so who has captured one PoS knows every key behind it,
 * until the mobile node authenticates in full with its home again. Seed S2 limits the chain to LIM
 * hops. Who counts them? A number that the serving PoS hands on is worth what that PoS is worth.
 * The limit that the home signs at the start of a chain is not in this model.
 *
 * The mobile node may restart, and go on with the association that it had: its count is then what
 * it wrote down, which it did before it used the key. And it may be served by the home's own PoS,
 * which is not captured and hands out a key of the home: one that is not counted, but only where
 * the association below is by an authentication. Along a chain the captured one would read it as
 * well. Without a count of the mobile node the PoS judges that.
 *
 * run: fails bounded
 *      the count is carried by the PoS, and a captured one says zero
 * run: holds bounded spared -DLIES=0
 *      the same is enough where the captured one counts honestly
 * run: holds bounded spared -DMN_COUNTS=1
 *      the mobile node counts by itself
 * run: fails bounded -DMN_COUNTS=1 -DBOUND=2
 *      and LIM hops are really lost, not fewer
 * run: fails bounded -DMN_COUNTS=1 -DSAVES=0
 *      a count that a restart forgets is none
 * run: fails bounded -DMN_COUNTS=1 -DASKS_BELOW=0
 *      nor is one that a key of the home ends wherever it comes from
 */

#ifndef LIM
#define LIM 3             /* hops on optimised associations before a full one is due */
#endif
#ifndef BOUND
#define BOUND LIM         /* keys that the attacker may come to know */
#endif
#ifndef HOPS
#define HOPS 7            /* moves of the mobile node */
#endif
#ifndef MN_COUNTS
#define MN_COUNTS 0       /* the mobile node refuses the hop after the last one allowed */
#endif
#ifndef LIES
#define LIES 1            /* a captured PoS may hand on a count of zero */
#endif

#ifndef SAVES
#define SAVES 1           /* the mobile node writes its count down before it uses the key */
#endif
#ifndef ASKS_BELOW
#define ASKS_BELOW 1      /* a key of the home is not counted below an authentication alone */
#endif

byte carried;             /* the count that goes from PoS to PoS */
byte counted;             /* the mobile node's own */
byte durable;             /* what a restart leaves of that */
byte in_full;             /* full associations */
byte leaked;              /* hops in a row whose key the attacker knows */
bool captured;            /* whether the attacker is in the chain */
bool at_home;             /* the home's own PoS serves */

active proctype Chain()
{
    byte hop;
    bool optimised, of_home;

    do
    :: hop < HOPS ->
        if
        :: at_home = true
        :: at_home = false
        fi;
        if                          /* a PoS is captured, at any hop */
        :: !captured && !at_home -> captured = true; leaked = 0
        :: skip
        fi;
        if
        :: LIES && captured -> carried = 0
        :: skip
        fi;
        if                          /* it restarts */
        :: counted = durable
        :: skip
        fi;
        optimised = carried < LIM && (!MN_COUNTS || counted < LIM);
        of_home = at_home && (!ASKS_BELOW || (MN_COUNTS -> counted : carried) == 0);
        if
        :: optimised && of_home ->
            carried = 0;            /* a key of the home: the chain begins here */
            counted = 0;
            durable = 0;
            leaked = (captured -> leaked + 1 : 0)
        :: optimised && !of_home ->
            carried++;
            counted++;
            durable = (SAVES -> counted : durable);
            leaked = (captured -> leaked + 1 : leaked)
        :: else ->                  /* the full association: nothing before it helps the attacker */
            in_full++;
            carried = 0;
            counted = 0;
            durable = 0;
            captured = false;
            leaked = 0
        fi;
        hop++
    :: else -> break
    od
}

/* From one capture the attacker learns the keys of BOUND hops and of no more. */
ltl bounded { [] (leaked <= BOUND) }

/* And the mobile node is not made to authenticate in full more often than the limit says. */
ltl spared { [] (in_full <= HOPS / (LIM + 1)) }
