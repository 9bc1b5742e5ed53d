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
 * it wrote down, which it did before it used the key. And it may get a key of the home for a
 * hop: one that is not counted, for it has that key of itself, and the home gives it to the target
 * past the PoS that serves. A captured PoS may hand out a key of its own instead, and call it the
 * home's.
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
 * run: fails bounded -DMN_COUNTS=1 -DHAS_K=0
 *      nor is one that a key ends which a PoS calls the home's
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
#ifndef HAS_K
#define HAS_K 1           /* a key of the home is one that the mobile node has of itself */
#endif

byte carried;             /* the count that goes from PoS to PoS */
byte counted;             /* the mobile node's own */
byte durable;             /* what a restart leaves of that */
byte in_full;             /* full associations */
byte leaked;              /* hops in a row whose key the attacker knows */
bool captured;            /* whether the attacker is in the chain */

active proctype Chain()
{
    byte hop;
    bool optimised, of_home;

    do
    :: hop < HOPS ->
        if
        :: of_home = true
        :: of_home = false
        fi;
        if                          /* a PoS is captured, at any hop */
        :: !captured -> captured = true; leaked = 0
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
        if
        :: of_home ->               /* given: nobody of the chain knows it */
            carried = 0;
            counted = 0;
            durable = 0;
            captured = false;
            leaked = 0
        :: of_home && captured && !HAS_K ->
            carried = 0;            /* a lie, and believed */
            counted = 0;
            durable = 0;
            leaked = leaked + 1
        :: optimised ->             /* also where the home gives none */
            carried++;
            counted++;
            durable = (SAVES -> counted : durable);
            leaked = (captured -> leaked + 1 : leaked)
        :: !optimised ->            /* the full association: nothing before it helps the attacker */
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
