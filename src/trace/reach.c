#include "trace/reach.h"

#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "proto/mis/partners.h"

/* ---- parts ---- */

static size_t part_named(struct lk_reach *reach, const char *name)
{
    size_t i = 0;

    while (i < reach->parts && strcmp(reach->part[i], name) != 0)
        i++;
    if (i < reach->parts)
        return i;
    if (i == LK_REACH_PARTS_MAX) {
        reach->more = true;
        return LK_TRACE_NONE;
    }
    (void)snprintf(reach->part[i], LK_MIS_TEXT, "%s", name);
    reach->parts++;
    return i;
}

static size_t part_of(struct lk_reach *reach, struct lk_span id)
{
    char name[LK_MIS_TEXT];

    lk_mis_text(name, id);
    return id.len > 0 ? part_named(reach, name) : LK_TRACE_NONE;
}

static size_t realm_part(struct lk_reach *reach, struct lk_span realm, const char *what)
{
    char name[LK_MIS_TEXT], text[LK_MIS_TEXT];

    lk_mis_text(text, realm);
    (void)snprintf(name, sizeof name, "%.40s (%s)", realm.len > 0 ? text : "its realm", what);
    return part_named(reach, name);
}

/* ---- who knows ---- */

static void knows(struct lk_reach_sa *sa, size_t part, enum lk_reach_how how, bool active_only)
{
    struct lk_reach_cell *cell;

    if (part == LK_TRACE_NONE)
        return;
    cell = &sa->cell[part];
    if (cell->how != LK_REACH_NOT && !cell->active_only && active_only)
        return; /* it has it anyhow */
    if (cell->how < how || (cell->active_only && !active_only))
        *cell = (struct lk_reach_cell){ (uint8_t)how, active_only };
}

/* Whoever has the K above, in whatever way. */
static void inherit(struct lk_reach *reach, struct lk_reach_sa *sa, bool mixed)
{
    const struct lk_reach_sa *above;

    if (sa->parent == LK_TRACE_NONE)
        return;
    above = &reach->sa[sa->parent];
    for (size_t part = 0; part < reach->parts; part++)
        if (above->cell[part].how != LK_REACH_NOT)
            knows(sa, part, LK_REACH_HEARS, mixed || above->cell[part].active_only);
}

/* The SA with the SPoS, by its SAID, or else the MN's last one there. */
static size_t parent_of(const struct lk_reach *reach, const struct lk_trace *trace,
                        const struct lk_trace_establishment *of)
{
    for (size_t i = reach->sas; i > 0; i--) {
        const struct lk_trace_run *run = &trace->runs[reach->sa[i - 1].run];
        const struct lk_trace_establishment *at = &run->mis;

        if (run->kind == LK_TRACE_CHANNEL || !lk_span_equal(lk_mis_seen_name(at), of->mn))
            continue; /* T41: no K goes by DTLS */
        if (of->under.id.len > 0 && at->said.id.len > 0 ? lk_mis_said_is(&at->said, &of->under) :
            of->spos.len == 0 || lk_span_equal(at->pos, of->spos))
            return i - 1;
    }
    return LK_TRACE_NONE;
}

/* spec: RFC 6696 8 - an ER server of a domain has a DSRK, and is one more that knows what stems
 * from it: with it a chain does not begin anew. */
static bool is_of_home(const struct lk_trace_establishment *of)
{
    return !of->erp || of->erp_nai.len == 0 ||
           lk_mis_same_realm(lk_mis_realm(of->mn), lk_mis_realm(of->erp_nai));
}

static void by_home(struct lk_reach *reach, struct lk_reach_sa *sa,
                    const struct lk_trace_establishment *of)
{
    sa->cut = true;
    knows(sa, realm_part(reach, lk_mis_realm(of->mn), "home"), LK_REACH_HOME, false);
}

static void by_domain(struct lk_reach *reach, struct lk_reach_sa *sa, const struct lk_trace *trace,
                      const struct lk_trace_establishment *of)
{
    sa->parent = parent_of(reach, trace, of);
    knows(sa, realm_part(reach, lk_mis_realm(of->erp_nai), "ER server"), LK_REACH_DOMAIN, false);
    if (sa->parent == LK_TRACE_NONE)
        return;
    for (size_t part = 0; part < reach->parts; part++)
        if (reach->sa[sa->parent].cell[part].how != LK_REACH_NOT)
            knows(sa, part, LK_REACH_DOMAIN, reach->sa[sa->parent].cell[part].active_only);
}

/* The K went to the MN by way of the SPoS, unless another PoS gave it to the target, or it is the
 * home's, and the MN has it of itself. */
static void by_pos(struct lk_reach *reach, struct lk_reach_sa *sa, const struct lk_trace *trace,
                   const struct lk_trace_establishment *of)
{
    bool mixed = of->dh_mn && of->dh_pos;
    struct lk_span maker = of->maker.len > 0 ? of->maker : of->spos;

    sa->cut = lk_mis_seen_of_home(of);
    if (!sa->cut)
        sa->parent = parent_of(reach, trace, of);
    if (!sa->cut && lk_span_equal(maker, of->spos))
        inherit(reach, sa, mixed);
    if (sa->cut) /* RFC 6630: the home made it for MN and target, and its PoS had it */
        knows(sa, realm_part(reach, lk_mis_realm(of->mn), "home"), LK_REACH_MADE, mixed);
    knows(sa, part_of(reach, maker), LK_REACH_MADE, mixed);
}

/* A channel under which nothing was said: no message names its ends. */
static bool is_nameless(const struct lk_trace_run *run)
{
    return run->kind == LK_TRACE_CHANNEL && run->mis.pos.len == 0;
}

void lk_reach_pos_text(char text[LK_MIS_TEXT], const struct lk_trace *trace, size_t run)
{
    const struct lk_trace_message *first = &trace->messages[trace->runs[run].first];
    const struct lk_capture_end *end = first->request ? &first->to : &first->from;
    struct lk_address address = lk_address_v4(end->address);
    char word[LK_ADDRESS_TEXT];

    lk_mis_text(text, trace->runs[run].mis.pos);
    if (!is_nameless(&trace->runs[run]))
        return;
    if (end->v6)
        memcpy(address.octets, end->address, sizeof address.octets);
    lk_address_text(word, &address);
    (void)snprintf(text, LK_MIS_TEXT, end->v6 ? "[%s]:%u" : "%s:%u", word, end->port);
}

/* It came about, or may have: what was refused is no SA. */
static bool is_there(const struct lk_trace_run *run)
{
    if (run->kind == LK_TRACE_CHANNEL)
        return run->outcome == LK_TRACE_ACCEPTED;
    return run->kind == LK_TRACE_ESTABLISHMENT && run->mis.asked && run->mis.pos.len > 0 &&
           run->outcome != LK_TRACE_REJECTED &&
           (run->outcome == LK_TRACE_ACCEPTED || run->mis.said.id.len > 0 || run->mis.n2n);
}

void lk_reach_make(struct lk_reach *reach, const struct lk_trace *trace)
{
    memset(reach, 0, sizeof *reach);
    reach->captured = LK_TRACE_NONE;
    for (size_t r = 0; r < trace->run_count; r++) {
        const struct lk_trace_establishment *of = &trace->runs[r].mis;
        char pos[LK_MIS_TEXT];
        struct lk_reach_sa *sa;

        if (!is_there(&trace->runs[r]))
            continue;
        if (reach->sas == LK_REACH_SAS_MAX) {
            reach->more = true;
            return;
        }
        sa = &reach->sa[reach->sas];
        sa->run = r;
        sa->parent = LK_TRACE_NONE;
        sa->unused = trace->runs[r].outcome != LK_TRACE_ACCEPTED &&
                     !lk_mis_seen_goes_on_elsewhere(trace, r);
        if (of->optimised)
            by_pos(reach, sa, trace, of);
        else if (is_of_home(of))
            by_home(reach, sa, of);
        else
            by_domain(reach, sa, trace, of);
        lk_reach_pos_text(pos, trace, r);
        knows(sa, part_named(reach, pos), LK_REACH_OWN, false);
        reach->sas++;
    }
}

bool lk_reach_capture(struct lk_reach *reach, const char *name)
{
    for (size_t i = 0; i < reach->parts; i++)
        if (strcmp(reach->part[i], name) == 0) {
            reach->captured = i;
            return true;
        }
    return false;
}

/* ---- words ---- */

/* "its own SA", ... */
static const char *how_text(const struct lk_reach_cell *cell)
{
    switch ((enum lk_reach_how)cell->how) {
    case LK_REACH_NOT:
        return "nothing";
    case LK_REACH_HEARS:
        return cell->active_only ? "only if it altered what went by" :
               "works it out: K went under an SA whose K it has";
    case LK_REACH_DOMAIN:
        return "may have what it stems from";
    case LK_REACH_MADE:
        return cell->active_only ? "made K; mixed, so only if it altered what went by" : "made K";
    case LK_REACH_HOME:
        return "authenticated the MN";
    case LK_REACH_OWN:
        return "its own SA";
    }
    return "?";
}

/* By its name, which an authentication makes anew (A06); or by where it says so from, which a
 * capture knows too. */
static bool is_of_same_mn(const struct lk_trace *trace, size_t a, size_t b)
{
    const struct lk_trace_run *of[] = { &trace->runs[a], &trace->runs[b] };
    const struct lk_trace_message *first[] = { &trace->messages[of[0]->first],
                                               &trace->messages[of[1]->first] };

    if (of[0]->mis.mn.len > 0 &&
        lk_span_equal(lk_mis_seen_name(&of[0]->mis), lk_mis_seen_name(&of[1]->mis)))
        return true;
    for (size_t i = 0; i < LK_COUNT_OF(of); i++) /* who dialled a channel is the MN */
        if (of[i]->kind == LK_TRACE_CHANNEL
                ? !first[i]->request
                : !lk_span_equal(first[i]->mis.source, of[i]->mis.mn))
            return false;
    return first[0]->from.v6 == first[1]->from.v6 &&
           lk_span_equal(lk_span_of(first[0]->from.address, first[0]->from.v6 ? 16 : 4),
                         lk_span_of(first[1]->from.address, first[1]->from.v6 ? 16 : 4));
}

/* The captured one had the MN's SA before. */
static bool had_before(const struct lk_reach *reach, const struct lk_trace *trace, size_t sa)
{
    for (size_t i = sa; i > 0; i--)
        if (is_of_same_mn(trace, reach->sa[i - 1].run, reach->sa[sa].run))
            return reach->sa[i - 1].cell[reach->captured].how != LK_REACH_NOT;
    return false;
}

const char *lk_reach_captured_text(const struct lk_reach *reach, const struct lk_trace *trace,
                                   size_t sa)
{
    const struct lk_reach_cell *cell;

    if (reach->captured == LK_TRACE_NONE)
        return "";
    cell = &reach->sa[sa].cell[reach->captured];
    if (cell->how == LK_REACH_NOT && is_nameless(&trace->runs[reach->sa[sa].run]))
        return "not known";
    if (cell->how == LK_REACH_NOT)
        return reach->sa[sa].cut && had_before(reach, trace, sa) ? "cut off" : "nothing";
    return cell->active_only ? "reads if it alters" : "reads";
}

void lk_reach_sentence(char text[LK_REACH_SENTENCE], const struct lk_reach *reach,
                       const struct lk_trace *trace)
{
    size_t reads = 0, alters = 0, used = 0, nameless = 0, len = 0, cut = LK_TRACE_NONE;

    text[0] = '\0';
    if (reach->captured == LK_TRACE_NONE)
        return;
    for (size_t i = 0; i < reach->sas; i++) {
        const struct lk_reach_cell *cell = &reach->sa[i].cell[reach->captured];

        if (reach->sa[i].unused)
            continue;
        used++;
        if (cell->how == LK_REACH_NOT && is_nameless(&trace->runs[reach->sa[i].run])) {
            nameless++;
            continue;
        }
        reads += cell->how != LK_REACH_NOT && !cell->active_only;
        alters += cell->how != LK_REACH_NOT && cell->active_only;
        if (cut == LK_TRACE_NONE && reach->sa[i].cut && cell->how == LK_REACH_NOT &&
            had_before(reach, trace, i))
            cut = i;
    }
    len += (size_t)snprintf(text, LK_REACH_SENTENCE, "Whoever captures %.48s reads %zu of %zu SAs.",
                            reach->part[reach->captured], reads, used);
    if (alters > 0)
        len += (size_t)snprintf(text + len, LK_REACH_SENTENCE - len,
                                " %zu more only if it altered what went by while they came about: "
                                "X25519 is mixed in, and listening is not enough.", alters);
    if (nameless > 0)
        len += (size_t)snprintf(text + len, LK_REACH_SENTENCE - len,
                                " %zu by DTLS may be its own: nothing in there names a PoS.",
                                nameless);
    if (cut != LK_TRACE_NONE)
        (void)snprintf(text + len, LK_REACH_SENTENCE - len,
                       " Run %zu, in which the home was asked, cuts it off.",
                       reach->sa[cut].run + 1);
}

void lk_reach_title(char text[LK_REACH_TITLE], const struct lk_reach *reach,
                    const struct lk_trace *trace, size_t sa)
{
    const struct lk_trace_run *run = &trace->runs[reach->sa[sa].run];
    const struct lk_trace_establishment *of = &run->mis;
    char name[LK_MIS_TEXT] = "SA", mn[LK_MIS_TEXT], pos[LK_MIS_TEXT], how[40] = "optimised";

    if (of->said.id.len > 0)
        lk_mis_sa_text(name, &of->said);
    lk_mis_text(mn, of->mn.len > 0 ? lk_mis_seen_name(of) : lk_span_text("an MN"));
    lk_reach_pos_text(pos, trace, reach->sa[sa].run);
    if (run->kind == LK_TRACE_CHANNEL)
        (void)snprintf(how, sizeof how, "by DTLS, with a key of the home");
    else if (!of->optimised)
        (void)snprintf(how, sizeof how, "%s", of->erp ? "by ERP" : "in full");
    else if (lk_mis_seen_of_home(of))
        (void)snprintf(how, sizeof how, "by a key of the home");
    else if (of->has_chain)
        (void)snprintf(how, sizeof how, "optimised, %u of at most %u", of->chain.used,
                       of->chain.max);
    (void)snprintf(text, LK_REACH_TITLE, "%s of %s at %s, %s%s%s", name, mn, pos, how,
                   of->dh_mn && of->dh_pos ? ", X25519 mixed in" : "",
                   reach->sa[sa].unused ? "; the MN did not come" : "");
}

static void print_sa(FILE *to, const struct lk_reach *reach, const struct lk_trace *trace, size_t i)
{
    const struct lk_reach_sa *sa = &reach->sa[i];
    char title[LK_REACH_TITLE];

    lk_reach_title(title, reach, trace, i);
    fprintf(to, "  run %zu: %s\n", sa->run + 1, title);
    for (size_t part = 0; part < reach->parts; part++)
        if (sa->cell[part].how != LK_REACH_NOT)
            fprintf(to, "    %-28s %s\n", reach->part[part], how_text(&sa->cell[part]));
    if (reach->captured != LK_TRACE_NONE)
        fprintf(to, "    %s %s captured: %s\n",
                sa->cell[reach->captured].how == LK_REACH_NOT ? "  " : ">>",
                reach->part[reach->captured], lk_reach_captured_text(reach, trace, i));
}

void lk_reach_print(FILE *to, const struct lk_reach *reach, const struct lk_trace *trace,
                    size_t run)
{
    char sentence[LK_REACH_SENTENCE];
    bool any = false;

    for (size_t i = 0; i < reach->sas; i++) {
        if (run != LK_TRACE_NONE && reach->sa[i].run != run)
            continue;
        if (!any)
            fprintf(to, "== who could read this\n");
        any = true;
        print_sa(to, reach, trace, i);
    }
    lk_reach_sentence(sentence, reach, trace);
    if (run == LK_TRACE_NONE && any && sentence[0] != '\0')
        fprintf(to, "  %s\n", sentence);
    if (reach->more)
        fprintf(to, "  (and more SAs or PoS than are told here)\n");
}
