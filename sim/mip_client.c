/* An agent of Mobile IP and its AAA: the questions that are out (node/mip_aaa.h), as role/mip_aaa.c
 * has them. The leg is closed to others; it loses, doubles and overtakes all the same. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "sim/mip_invariants.h"
#include "sim/mip_seam.h"

void sim_client_make(struct sim_world *world, unsigned who)
{
    struct sim_mip_client *client = &world->mip->client[who];
    struct lk_radius_client *row = &world->mip->home.client[who];
    enum lk_status status;
    char secret[32];

    client->config.agent = who == 0 ? LK_RADIUS_MIP_HOME : LK_RADIUS_MIP_FOREIGN;
    client->config.enterprise = LK_AAA_ENTERPRISE;
    if (who == 0)
        (void)snprintf(client->config.name, sizeof client->config.name, "ha.example");
    else
        (void)snprintf(client->config.name, sizeof client->config.name, "fa%u.example", who - 1);
    (void)snprintf(secret, sizeof secret, "%016llx",
                   (unsigned long long)sim_random_next(&world->random));
    status = lk_radius_secret_set(&client->config.secret, lk_span_text(secret));
    LK_ASSERT(status == LK_OK);
    *row = (struct lk_radius_client){ .secret = client->config.secret,
                                      .agent = client->config.name,
                                      .is_home_agent = who == 0 };
    row->prefix.bits = LK_ADDRESS_BITS;
}

/* What was out is lost. */
void sim_client_begin(struct sim_world *world, unsigned who)
{
    struct sim_mip_client *client = &world->mip->client[who];

    client->life++;
    for (unsigned i = 0; i < LK_MIP_AAA_QUESTIONS; i++) {
        client->held[i].taken = false;
        client->node.question[i].out = false;
    }
}

static void send_it(struct sim_world *world, unsigned who, struct lk_span octets)
{
    sim_link(world, (struct sim_event){ .kind = SIM_AT_HOME_AAA, .from = who }, octets);
}

void sim_client_ask(struct sim_world *world, unsigned who, enum lk_radius_mip_wants wants,
                    unsigned from, struct lk_span octets)
{
    struct sim_mip_client *client = &world->mip->client[who];
    uint8_t authenticator[LK_RADIUS_AUTHENTICATOR_LEN];
    struct lk_mip_request request;
    struct lk_span send;
    unsigned i = 0;

    while (i < LK_MIP_AAA_QUESTIONS && client->held[i].taken)
        i++;
    if (i == LK_MIP_AAA_QUESTIONS || lk_mip_request_decode(&request, octets) != LK_OK)
        return; /* the mobile node asks again */
    sim_random_fill(&world->random, authenticator, sizeof authenticator);
    if (lk_mip_aaa_ask(&client->node, &send, &client->config, &request, wants, i,
                       sim_mip_clock(world), authenticator) != LK_OK)
        return;
    world->report->count[SIM_MIP_ASKED]++;
    client->held[i].taken = true;
    client->held[i].wants = wants;
    client->held[i].from = from;
    client->held[i].len = octets.len;
    memcpy(client->held[i].octets, octets.at, octets.len);
    send_it(world, who, send);
}

static void tell(struct sim_world *world, unsigned who, struct lk_mip_aaa_answer *answer)
{
    struct sim_mip_held *held = &world->mip->client[who].held[answer->tag];

    sim_seam_granted(world, who, held, answer);
    sim_check_granted(world, who, held, answer);
    held->taken = false;
    if (who == 0)
        sim_agent_granted(world, held, answer);
    else
        sim_fa_granted(world, who - 1, held, answer);
    lk_wipe(answer, sizeof *answer);
}

void sim_client_tick(struct sim_world *world, unsigned who)
{
    struct sim_mip_client *client = &world->mip->client[who];
    struct lk_mip_aaa_answer answer;
    enum lk_mip_aaa_next next;
    struct lk_span send;

    while ((next = lk_mip_aaa_due(&client->node, &send, &answer, &client->config,
                                  sim_mip_clock(world))) != LK_MIP_AAA_NOTHING) {
        if (next == LK_MIP_AAA_AGAIN)
            send_it(world, who, send);
        else
            tell(world, who, &answer);
    }
}

void sim_client_take(struct sim_world *world, const struct sim_event *event)
{
    struct sim_mip_client *client = &world->mip->client[event->who];
    struct lk_mip_aaa_answer answer;

    if (lk_mip_aaa_received(&client->node, &answer, &client->config,
                            lk_span_of(event->octets, event->len)) == LK_OK)
        tell(world, event->who, &answer);
}
