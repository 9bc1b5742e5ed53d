/*
 * Room lwa: the key of a WLAN association changes while the association lives on.
 *
 * The eNB has a new KeNB after each handover, so a new S-KWT, which is the PMK of UE and WT on the
 * WLAN. It tells the UE by RRC (the counter) and the WT by Xw (the key); the WT then begins a 4-way
 * handshake. Seed S3 asks in which order, and answers: RRC first. This model asks what becomes of
 * the association when more than one handover comes, and messages go missing.
 *
 * Keys are numbers: handover n makes PMK n, and the PTK under it is n as well. 0 is the key under
 * which UE and WT were associated. "The eNB" is whoever serves the UE: that a handover takes the
 * state of the re-key along to the next eNB is assumed here, not shown. Nonces, MICs and group keys
 * are not in the model, nor is the full association that follows a deauthentication.
 *
 * Each leg keeps its order, unless the weather below has its way. A timer is long: it goes off when
 * nothing of its exchange is under way any more; when it is not, the weather says so too.
 *
 * What tools/models runs: what is expected, of which properties, under which options, and why it
 * matters.
 *
 * run: fails nodeauth conv -DORDER=WT_FIRST -DR=1
 *      T50: S3's option 1, with one handover
 * run: fails nodeauth conv -DORDER=WT_FIRST -DR=1 -DSERIAL=1
 *      waiting for the WT does not mend the order
 * run: fails nodeauth conv -DORDER=WT_FIRST -DR=1 -DSILENT=1
 *      nor does a UE that drops what it cannot know: the WT's tries run out
 * run: holds nodeauth conv agree -DR=1
 *      S3's remedy, RRC first, is enough for one handover
 * run: fails nodeauth conv -DR=2
 *      T51: and not for two that overlap
 * run: fails nodeauth conv -DR=2 -DSILENT=1
 *      nor with a UE that drops message 1 under an older key
 * run: holds nodeauth conv agree -DR=2 -DKEEP=1
 *      a UE that keeps one older PMK gets over two handovers
 * run: fails nodeauth conv -DR=3 -DKEEP=1
 *      T51: and not over three
 * run: holds nodeauth conv agree -DR=5 -DSERIAL=1
 *      T51: the next re-key waits until the WT has finished; five handovers at any moments
 * run: holds nodeauth conv agree -DR=4 -DSERIAL=1 -DLOSS=2 -DLATE=2 -DEARLY=1
 *      nor does bad weather
 * run: holds nodeauth conv agree -DR=4 -DSERIAL=1 -DLOSS=2 -DLATE=2 -DEARLY=1 -DSILENT=1
 *      and with a UE that drops a message 1 whose PMKID it does not know
 * run: fails conv -DR=1 -DSERIAL=1 -DLOSS=1 -DREPEAT=0
 *      T53: without repeats one loss is the end
 * run: fails nodeauth -DR=2 -DSERIAL=1 -DIMPATIENT=1
 *      T51: a lock that goes before the WT has finished is none
 * run: fails nodeauth -DR=2 -DSERIAL=1 -DEARLY=1 -DMATCH=0
 *      nor is one that the answer to an earlier question opens
 * run: fails nodeauth -DR=2 -DSERIAL=1 -DLATE=1 -DEARLY=1 -DNEWER=0
 *      nor is one under which a late repeat of the last reconfiguration brings its key back
 * run: fails agree conv -DR=1 -DSERIAL=1 -DLOSS=1 -DHASTY=1
 *      message 3 sent is not yet a handshake finished
 * run: fails nodeauth -DR=1 -DSERIAL=1 -DLOSS=4
 *      a radio that loses every try ends any association
 * run: holds nodeauth conv agree -DR=3 -DSERIAL=1 -DLOSS=2 -DLATE=2 -DEARLY=1 -DQUEUE=1 -DUSED=1
 *      as the machines do: a newer key waits for the end of a handshake, data is as message 4
 * run: holds nodeauth conv agree -DR=2 -DKEEP=1 -DQUEUE=1
 *      where the newer key waits at the WT two handovers may overlap, as where it breaks off
 * run: fails nodeauth -DR=3 -DKEEP=1 -DQUEUE=1
 *      T51: and not over three: waiting at the WT is no lock
 * run: holds nodeauth conv -DR=2 -DSERIAL=1 -DLOSS=4 -DONLY_M4=1 -DUSED=1
 *      a frame under the new TK says what message 4 says, though all its tries are lost
 * run: fails nodeauth -DR=1 -DSERIAL=1 -DLOSS=4 -DONLY_M4=1
 *      without it they end the association
 * run: holds nodeauth bounded agree -DR=3 -DSERIAL=1 -DLOSS=2 -DLATE=1 -DEARLY=1 -DQUEUE=1 -DTIME=1
 *      T53: a lock that ends by time, when no try of the WT is left, disturbs nothing
 * run: holds ended -DR=2 -DSERIAL=1 -DLOSS=4 -DTIME=1
 *      T53: and an association that the WT has given up ends at the eNB, by the deadline
 * run: fails ended bounded -DR=1 -DSERIAL=1 -DLOSS=4
 *      without a deadline the eNB waits for ever
 */

#define WT_FIRST 1
#define RRC_FIRST 2

#ifndef ORDER
#define ORDER RRC_FIRST   /* who is told of the new key first */
#endif
#ifndef R
#define R 2               /* handovers that come, at any moment */
#endif
#ifndef SERIAL
#define SERIAL 0          /* the eNB waits for the WT's finished signal before the next re-key */
#endif
#ifndef IMPATIENT
#define IMPATIENT 0       /* ... or not for as long as that takes */
#endif
#ifndef KEEP
#define KEEP 0            /* the UE answers under the PMK before its newest as well */
#endif
#ifndef SILENT
#define SILENT 0          /* the UE drops a message 1 whose PMKID it does not know */
#endif
#ifndef HASTY
#define HASTY 0           /* the WT has finished when message 3 is out, not when message 4 is in */
#endif
#ifndef QUEUE
#define QUEUE 0           /* a newer key waits at the WT for the end of a handshake */
#endif
#ifndef USED
#define USED 0            /* there is data, and a frame under the new TK is as good as message 4 */
#endif
#ifndef TIME
#define TIME 0            /* the lock ends by time as well, and a deadline LWA without a word */
#endif
#ifndef ONLY_M4
#define ONLY_M4 0         /* what is lost is message 4 alone */
#endif
#ifndef MATCH
#define MATCH 1           /* the eNB knows which of its questions an answer belongs to */
#endif
#ifndef NEWER
#define NEWER 1           /* the UE takes no reconfiguration that is older than its last */
#endif
#ifndef REPEAT
#define REPEAT 1          /* whoever waits for an answer asks again */
#endif
#ifndef LOSS
#define LOSS 0            /* messages that are lost, on any leg */
#endif
#ifndef LATE
#define LATE 0            /* messages that all others of their leg overtake */
#endif
#ifndef EARLY
#define EARLY 0           /* timers that go off while the answer is still on its way */
#endif
#ifndef TRIES
#define TRIES 4           /* times that the WT sends one message before it gives up the UE */
#endif
#define ROOM 6            /* messages that a leg holds */

mtype = { M1, M2, M3, M4, NO_SUCH_KEY };

chan rrc_down = [ROOM] of { byte };         /* RRCConnectionReconfiguration, with the counter */
chan rrc_up = [ROOM] of { byte };           /* RRCConnectionReconfigurationComplete */
chan xw_down = [ROOM] of { byte };          /* WT Modification Request, with S-KWT */
chan xw_up = [ROOM] of { byte };            /* the WT's word that the handshake has finished */
chan air_down = [ROOM] of { mtype, byte };  /* EAPOL-Key from the WT; message 1 names its PMK */
chan air_up = [ROOM] of { mtype, byte };    /* EAPOL-Key from the UE */

mtype:enb = { FREE, AWAIT_COMPLETE, AWAIT_FINISHED };
mtype:wt = { AT_REST, AWAIT_M2, AWAIT_M4, GONE };

mtype:enb enb = FREE;
mtype:wt wt = AT_REST;
byte handovers, early;
byte ue_pmk, ue_ptk, wt_pmk, wt_next, wt_ptk;
bool deauth, over;

/* A timer may go off: nothing is under way that could still answer, or the weather says so. */
#define GOES_OFF(nothing_under_way) (REPEAT && ((nothing_under_way) || early > 0))
#define SPEND(nothing_under_way) early = ((nothing_under_way) -> early : early - 1)
#define RRC_QUIET (len(rrc_down) + len(rrc_up) == 0)
#define XW_QUIET (len(xw_down) + len(xw_up) == 0 && wt == AT_REST)
#define AIR_QUIET (len(air_down) + len(air_up) == 0)
/* Longer than all tries of the WT. */
#define WT_SILENT (len(xw_up) == 0 && (wt == GONE || (wt == AT_REST && len(xw_down) == 0)))

active proctype Handovers()
{
end:
    do
    :: handovers < R -> handovers++
    od
}

#define ANSWERS(answered) (!MATCH || (answered) == key)

/* Starts a re-key with the newest key when none is under way; never two at once where it waits. */
active proctype Enb()
{
    byte key, answered;
    bool owed;                      /* the WT's word that the association lives */

end:
    do
    :: atomic { enb == FREE && handovers > key ->
        key = handovers;
        if
        :: ORDER == WT_FIRST -> xw_down!key
        :: ORDER == RRC_FIRST
        fi;
        rrc_down!key;
        enb = AWAIT_COMPLETE }
    :: atomic { rrc_up?answered ->
        if
        :: enb == AWAIT_COMPLETE && ANSWERS(answered) ->
            if
            :: ORDER == RRC_FIRST -> xw_down!key
            :: ORDER == WT_FIRST
            fi;
            enb = (SERIAL -> AWAIT_FINISHED : FREE)
        :: else                     /* of an earlier try */
        fi }
    :: atomic { xw_up?answered ->
        if
        :: enb == AWAIT_FINISHED && ANSWERS(answered) -> enb = FREE; owed = false
        :: enb == FREE && ANSWERS(answered) -> owed = false
        :: else
        fi }
    :: atomic { enb == AWAIT_COMPLETE && GOES_OFF(RRC_QUIET) -> SPEND(RRC_QUIET); rrc_down!key }
    :: atomic { enb == AWAIT_FINISHED && GOES_OFF(XW_QUIET) -> SPEND(XW_QUIET); xw_down!key }
    :: atomic { IMPATIENT && enb == AWAIT_FINISHED -> enb = FREE }
    :: atomic { TIME && enb == AWAIT_FINISHED && WT_SILENT -> enb = FREE; owed = true }
    :: atomic { TIME && enb == FREE && owed && WT_SILENT -> over = true; owed = false }
    od
}

/* What the UE may be asked to prove. */
#define USABLE(key) ((key) == ue_pmk || (KEEP && (key) + 1 == ue_pmk))

/* Takes the key by RRC and does nothing on the WLAN until the WT acts. */
active proctype Ue()
{
    mtype message;
    byte key;

end:
    do
    :: atomic { rrc_down?key ->
        if
        :: key > ue_pmk || !NEWER -> ue_pmk = key
        :: else                     /* the same once more: only the answer was lost */
        fi;
        rrc_up!key }
    :: atomic { air_down?message, key ->
        if
        :: message == M1 && USABLE(key) -> air_up!M2, key
        :: message == M1 && !USABLE(key) && !SILENT -> air_up!NO_SUCH_KEY, key
        :: message == M3 && USABLE(key) -> ue_ptk = key; air_up!M4, key
        :: else                     /* dropped: a wrong message 3 proves nothing */
        fi }
    od
}

/* The handshake has ended, well or not: a key that waits is the next. */
inline begin_next()
{
    wt_pmk = wt_next; wt_next = 0; wt = AWAIT_M2; tries = 1; air_down!M1, wt_pmk
}

inline finish()
{
    wt_ptk = wt_pmk;
    if
    :: wt_next > wt_pmk -> begin_next()
    :: else -> wt = AT_REST; xw_up!wt_pmk
    fi
}

#define IN_USE (USED && wt == AWAIT_M4 && ue_ptk == wt_pmk)

/*
 * Begins the handshake as soon as a newer key is there. NO_SUCH_KEY stands for what S3 names: a
 * PMKID refused, or a message 2 whose MIC is of another PMK.
 */
active proctype Wt()
{
    mtype message;
    byte key, tries;

end:
    do
    :: atomic { wt != GONE && nempty(xw_down) -> xw_down?key;
        if
        :: key > wt_pmk && (!QUEUE || wt == AT_REST) ->
            wt_pmk = key; wt = AWAIT_M2; tries = 1; air_down!M1, key
        :: key > wt_pmk && QUEUE && wt != AT_REST ->
            wt_next = (key > wt_next -> key : wt_next)
        :: key == wt_pmk && wt == AT_REST -> xw_up!key
        :: else
        fi }
    :: atomic { air_up?message, key ->
        if
        :: key == wt_pmk && wt == AWAIT_M2 && message == NO_SUCH_KEY -> deauth = true; wt = GONE
        :: key == wt_pmk && wt == AWAIT_M2 && message == M2 ->
            air_down!M3, key;
            tries = 1;
            if
            :: HASTY -> wt_ptk = key; wt = AT_REST; xw_up!key
            :: !HASTY -> wt = AWAIT_M4
            fi
        :: key == wt_pmk && wt == AWAIT_M4 && message == M4 -> finish()
        :: else                     /* of an earlier handshake, or a repeat */
        fi }
    :: atomic { IN_USE -> finish() }
    :: atomic { (wt == AWAIT_M2 || wt == AWAIT_M4) && GOES_OFF(AIR_QUIET) ->
        SPEND(AIR_QUIET);
        if
        :: tries == TRIES && !IN_USE && wt_next > wt_pmk -> begin_next()
        :: tries == TRIES && !IN_USE && wt_next <= wt_pmk -> deauth = true; wt = GONE
        :: tries == TRIES && IN_USE -> finish()
        :: tries < TRIES && wt == AWAIT_M2 -> tries++; air_down!M1, wt_pmk
        :: tries < TRIES && wt == AWAIT_M4 -> tries++; air_down!M3, wt_pmk
        fi }
    od
}

#define MAY_LOSE (lost < LOSS && !ONLY_M4)

active proctype Weather()
{
    mtype message;
    byte key, lost, late, premature;

end:
    do
    :: atomic { MAY_LOSE && nempty(rrc_down) -> rrc_down?key; lost++ }
    :: atomic { MAY_LOSE && nempty(rrc_up) -> rrc_up?key; lost++ }
    :: atomic { MAY_LOSE && nempty(xw_down) -> xw_down?key; lost++ }
    :: atomic { MAY_LOSE && nempty(xw_up) -> xw_up?key; lost++ }
    :: atomic { MAY_LOSE && nempty(air_down) -> air_down?message, key; lost++ }
    :: atomic { MAY_LOSE && nempty(air_up) -> air_up?message, key; lost++ }
    :: atomic { ONLY_M4 && lost < LOSS && air_up?[M4, key] -> air_up?message, key; lost++ }
    :: atomic { late < LATE && len(rrc_down) > 1 -> rrc_down?key; rrc_down!key; late++ }
    :: atomic { late < LATE && len(rrc_up) > 1 -> rrc_up?key; rrc_up!key; late++ }
    :: atomic { late < LATE && len(xw_down) > 1 -> xw_down?key; xw_down!key; late++ }
    :: atomic { late < LATE && len(xw_up) > 1 -> xw_up?key; xw_up!key; late++ }
    :: atomic { late < LATE && len(air_down) > 1 ->
        air_down?message, key; air_down!message, key; late++ }
    :: atomic { late < LATE && len(air_up) > 1 ->
        air_up?message, key; air_up!message, key; late++ }
    :: atomic { premature < EARLY -> early++; premature++ }
    od
}

/* The association lives through every handover. */
ltl nodeauth { [] !deauth }

/* In the end UE and WT use the newest key, and nobody waits for anybody. */
ltl conv { <> [] (ue_ptk == R && wt_ptk == R && wt == AT_REST && enb == FREE) }

/* Whenever the WT has no handshake under way, both use the same key. */
ltl agree { [] (wt == AT_REST -> ue_ptk == wt_ptk) }

/* In the end both use the newest key, or LWA has ended. */
ltl bounded { <> [] ((ue_ptk == R && wt_ptk == R && wt == AT_REST) || over) }

/* What the WT has given up, the eNB ends. */
ltl ended { [] (deauth -> <> over) }
