/* Why an agent or a mobile node refuses a message of Mobile IP. */
#include "base/reason_rooms.h"

const struct lk_reason_row lk_reasons_mip[LK_REASON_COUNT] = {
    [LK_REASON_MIP_MALFORMED] = {
        "mip.malformed", "RFC 5944 3.8.2.1", LK_BY_ANCHOR | LK_BY_FA | LK_BY_UE,
        "The message is no Mobile IP message that can be read.",
        "Capture it, and look with tshark where its extensions end." },
    [LK_REASON_MIP_EXTENSION] = {
        "mip.extension-unknown", "RFC 5944 1.8", LK_BY_ANCHOR | LK_BY_FA | LK_BY_UE,
        "The message has an extension that its receiver must understand and does not.",
        "Let its sender leave that extension out; nobody answers." },
    [LK_REASON_MIP_VENDOR] = {
        "mip.vendor-unknown", "RFC 3115 2.2", LK_BY_ANCHOR | LK_BY_FA | LK_BY_UE,
        "The message has a critical extension of a vendor that is not known here.",
        "Let its sender use the normal form of it." },
    [LK_REASON_MIP_AUTH_TWICE] = {
        "mip.auth-twice", "RFC 5944 3.8.2.1", LK_BY_ANCHOR | LK_BY_FA | LK_BY_UE,
        "An authentication extension came twice in one message.",
        "Look at the sender: one of each kind is all that there is." },
    [LK_REASON_MIP_AUTH_MISSING] = {
        "mip.auth-missing", "RFC 5944 3.8.2.1", LK_BY_ANCHOR | LK_BY_FA | LK_BY_UE | LK_BY_AAA,
        "The message has not the authentication extension that it must have.",
        "Give the sender the key, and let it use it." },
    [LK_REASON_MIP_SPI] = {
        "mip.spi-unknown", "RFC 5944 3.8.2.1", LK_BY_ANCHOR | LK_BY_FA | LK_BY_UE | LK_BY_AAA,
        "There is no association with the sender under that SPI.",
        "Compare SPI and owner of the key at both ends; nobody answers." },
    [LK_REASON_MIP_MN_AUTH] = {
        "mip.authenticator", "RFC 5944 3.8.2.1", LK_BY_ANCHOR | LK_BY_FA | LK_BY_UE,
        "The authenticator was made with another key or algorithm, or the message was changed "
        "on the way.",
        "Compare key and algorithm of the association at both ends." },
    [LK_REASON_MIP_FA_AUTH] = {
        "mip.foreign-home", "RFC 5944 3.8.2.1", LK_BY_ANCHOR | LK_BY_FA,
        "What is between foreign and home agent is missing or wrong.",
        "Compare the key of the two agents." },
    [LK_REASON_MIP_AAA_AUTH] = {
        "mip.mn-aaa", "RFC 4721 3", LK_BY_ANCHOR | LK_BY_FA | LK_BY_AAA,
        "What the mobile node proves to its home AAA is missing or wrong.",
        "Compare the key that node and AAA have; of GBA: bootstrap again." },
    [LK_REASON_MIP_ORDER] = {
        "mip.order", "RFC 3957 6", LK_BY_ANCHOR | LK_BY_FA | LK_BY_UE | LK_BY_AAA,
        "Extensions do not stand in the order that makes an authenticator cover them.",
        "Put nonces before the authentication extension that their key makes." },
    [LK_REASON_MIP_TIME] = {
        "mip.time", "RFC 5944 5.7.1", LK_BY_ANCHOR,
        "The identification is further from the agent's clock than the window allows.",
        "The node sets its clock by the reply; if it does not, synchronise them." },
    [LK_REASON_MIP_REPLAY] = {
        "mip.replay", "RFC 5944 5.7.1", LK_BY_ANCHOR | LK_BY_FA | LK_BY_AAA,
        "The identification is not newer than the last that was accepted; at a foreign agent, "
        "another visitor waits for the answer to the same.",
        "Nothing, when it was late or twice on the way; else somebody repeats messages." },
    [LK_REASON_MIP_NONCE] = {
        "mip.nonce", "RFC 5944 5.7.2", LK_BY_ANCHOR,
        "The identification does not have the nonce that the last reply gave.",
        "The node takes the new one of this reply." },
    [LK_REASON_MIP_QUARANTINE] = {
        "mip.quarantine", "RFC 5944 5.7.1", LK_BY_ANCHOR,
        "The agent has started less than a replay window ago, and cannot tell what it has "
        "heard before.",
        "Nothing: the node tries again." },
    [LK_REASON_MIP_AGENT] = {
        "mip.agent-unknown", "RFC 5944 3.8.3.2", LK_BY_ANCHOR | LK_BY_FA,
        "The request is for another home agent, for none, or for one that the foreign agent has "
        "no key with.",
        "Take the address of the reply; at a foreign agent, add the home agent to "
        "fa.home_agents." },
    [LK_REASON_MIP_NODE] = {
        "mip.node-unknown", "RFC 5944 3.8.2.1", LK_BY_ANCHOR | LK_BY_AAA,
        "No subscriber has this NAI or home address.",
        "Add the subscriber, or look at the name that the node sends." },
    [LK_REASON_MIP_NAI] = {
        "mip.nai-missing", "RFC 2794 4", LK_BY_ANCHOR | LK_BY_FA | LK_BY_AAA,
        "The node has no home address, and does not say who it is.",
        "Send the NAI." },
    [LK_REASON_MIP_B_TID] = {
        "mip.b-tid", "TS 33.220 4.5.3", LK_BY_ANCHOR | LK_BY_FA | LK_BY_AAA,
        "The B-TID and the NAI are of two subscribers, or nobody has the B-TID any more.",
        "Bootstrap again; if it remains, look at who sends the request." },
    [LK_REASON_MIP_HOME_ADDRESS] = {
        "mip.home-address", "RFC 5944 3.8.2.2", LK_BY_ANCHOR,
        "The home address is not that of the node that has proven itself.",
        "Ask for none: the agent gives the node its own." },
    [LK_REASON_MIP_CARE_OF] = {
        "mip.care-of", "RFC 5944 3.7.2.1", LK_BY_ANCHOR | LK_BY_FA,
        "The care-of address is none of the foreign agent's, or one that nobody can have.",
        "Take one that the agent advertises." },
    [LK_REASON_MIP_LIFETIME] = {
        "mip.lifetime", "RFC 5944 3.7.2.1", LK_BY_FA,
        "The lifetime is longer than the foreign agent allows.",
        "Ask for what it advertises." },
    [LK_REASON_MIP_ENCAPSULATION] = {
        "mip.encapsulation", "RFC 5944 3.8.3.2", LK_BY_ANCHOR | LK_BY_FA,
        "The tunnel that is asked for is not to be had: GRE, or minimal encapsulation.",
        "Ask for IP in IP." },
    [LK_REASON_MIP_REVERSE] = {
        "mip.reverse-tunnel", "RFC 3024 3", LK_BY_ANCHOR | LK_BY_FA,
        "A reverse tunnel is not to be had, or is a must and was not asked for.",
        "Set, or clear, the T bit as the agent wants." },
    [LK_REASON_MIP_UDP] = {
        "mip.udp-tunnel", "RFC 3519 4.5", LK_BY_ANCHOR | LK_BY_FA,
        "A tunnel in UDP is asked for and not to be had.",
        "Allow it, or do not force it." },
    [LK_REASON_MIP_BINDINGS] = {
        "mip.bindings", "RFC 5944 3.8.3.2", LK_BY_ANCHOR,
        "The node has as many bindings at the same time as it may have.",
        "Register without the S bit." },
    [LK_REASON_MIP_POOL_EMPTY] = {
        "mip.pool-empty", "RFC 5944 3.8.3.2", LK_BY_ANCHOR,
        "No home address is left.",
        "Give the pool a larger network." },
    [LK_REASON_MIP_TABLE_FULL] = {
        "mip.table-full", "RFC 5944 3.8.3.2", LK_BY_ANCHOR | LK_BY_FA,
        "The table has no row left for one more node.",
        "Raise the limit of bindings." },
    [LK_REASON_MIP_TOO_FAST] = {
        "mip.too-fast", "RFC 5944 5.4", LK_BY_ANCHOR | LK_BY_FA,
        "More requests came from one source than it may have looked at.",
        "Nothing, unless many nodes are behind one address: then raise the limit." },
    [LK_REASON_MIP_QUESTIONS] = {
        "mip.questions", "TS 33.220 4.5.3", LK_BY_ANCHOR | LK_BY_FA | LK_BY_AAA,
        "The BSF is not asked for this B-TID: there are more than it is asked for in a second, and "
        "others have had less of that than this source and this subscriber.",
        "Nothing: the node asks again. If all are yours, raise questions of section naf." },
    [LK_REASON_MIP_CHALLENGE] = {
        "mip.challenge", "RFC 4721 3.2", LK_BY_FA,
        "The request does not answer one of the last challenges of this agent.",
        "Take the one of its next advertisement or reply." },
    [LK_REASON_MIP_HA_CHALLENGE] = {
        "mip.challenge-changed", "RFC 4721 3.3", LK_BY_FA,
        "The home agent's reply has another challenge than the request had.",
        "Look at the home agent, or who is between." },
    [LK_REASON_MIP_NO_MN_FA] = {
        "mip.mn-fa-missing", "RFC 3957 3", LK_BY_FA,
        "Foreign agent and node have no key, and the reply brings none.",
        "Let the node ask for one, and the AAA give it." },
    [LK_REASON_MIP_UNREACHABLE] = {
        "mip.home-agent-unreachable", "RFC 5944 3.7.2.3", LK_BY_FA,
        "The home agent cannot be reached.",
        "Check that it runs, and the path to it." },
    [LK_REASON_MIP_NOT_PENDING] = {
        "mip.not-pending", "RFC 5944 3.7.3.1", LK_BY_FA | LK_BY_UE,
        "A reply came to no request that waits for one.",
        "Nothing, when it was late; else somebody makes up replies." },
    [LK_REASON_MIP_NO_ANSWER] = {
        "mip.no-answer", "RFC 5944 3.6.3", LK_BY_FA | LK_BY_UE,
        "The home agent did not answer, however often it was asked.",
        "Check that it runs, the path to it, and whether it knows the key: without one it is "
        "silent." },
    [LK_REASON_MIP_REFUSED] = {
        "mip.refused", "RFC 5944 3.6.2.3", LK_BY_UE,
        "An agent refused the registration.",
        "Its log says why." },
    [LK_REASON_MIP_KEY_MISSING] = {
        "mip.key-missing", "RFC 3957 3", LK_BY_UE,
        "The node has asked for a key, and the reply has no nonce for it.",
        "Look at the home AAA." },
    [LK_REASON_MIP_KEY_UNUSABLE] = {
        "mip.key-unusable", "RFC 3957 6.4", LK_BY_UE,
        "The nonce is for an algorithm or a way of replay protection that the node does not "
        "have.",
        "Let the AAA give one of those that it has." },
    [LK_REASON_MIP_NONCE_AGAIN] = {
        "mip.nonce-again", "RFC 3957 5", LK_BY_ANCHOR | LK_BY_UE | LK_BY_AAA,
        "A nonce for a key has come before, in this role or another.",
        "Look at the random numbers of the AAA, or at who repeats replies." },
    [LK_REASON_MIP_KEY_EXPIRED] = {
        "mip.key-expired", "RFC 3957 3", LK_BY_ANCHOR | LK_BY_FA | LK_BY_UE | LK_BY_AAA,
        "The key of the association is past its lifetime.",
        "Let the node ask for a new one; of GBA: bootstrap again." },
    [LK_REASON_MIP_AAA_SILENT] = {
        "mip.aaa-silent", "RFC 3957 3", LK_BY_ANCHOR | LK_BY_FA,
        "The AAA did not answer.",
        "Check that it runs, and the secret." },
    [LK_REASON_MIP_AAA_REFUSED] = {
        "mip.aaa-refused", "RFC 3957 3", LK_BY_ANCHOR | LK_BY_FA,
        "The AAA gives no key for this node.",
        "Its log says why." },
    [LK_REASON_MIP_LEG_OPEN] = {
        "mip.leg-open", "RFC 3957 7", LK_BY_AAA,
        "A key is asked for over a leg that is not protected.",
        "Use RadSec, or the hidden attribute with a secret that is one." },
    [LK_REASON_MIP_REVOCATION] = {
        "mip.revocation", "RFC 3543 4", LK_BY_ANCHOR | LK_BY_FA | LK_BY_UE,
        "A revocation is for no binding of ours, or older than the last.",
        "Nothing, when it was late; else somebody makes them up." },
    [LK_REASON_MIP_REVOKED] = {
        "mip.revoked", "RFC 3543 4", LK_BY_UE,
        "An agent has ended the registration.",
        "Its log says by whom: binding-revoked, visitor-revoked. Register again." },
    [LK_REASON_MIP_ADVERTISEMENT] = {
        "mip.advertisement", "RFC 5944 2.1", LK_BY_UE,
        "No advertisement came, or none that can be read and offers what the node could use.",
        "Look whether role fa runs at ue.mip.places[].agent, agent_port; else capture it, and look "
        "at flags and care-of addresses." },
    [LK_REASON_MIP_PLACE] = {
        "mip.place", "RFC 5944 3.6", LK_BY_UE,
        "The device has not the address that it should have at that place.",
        "Let the access give it that address first, or write its own: ue.mip.places[].address." },
    [LK_REASON_MIP_NO_HOME_AGENT] = {
        "mip.home-agent-untold", "TS 33.220 4.5.2", LK_BY_UE,
        "The BSF has not named a home agent in an answer that proves itself.",
        "Let the BSF name one, or go another way: ue.mip.way." },
    [LK_REASON_MIP_MESG_ID] = {
        "mip.mesg-id-missing", "RFC 4285 6", LK_BY_ANCHOR | LK_BY_UE,
        "The message has no MESG-ID, and so nothing that tells it from a repeat.",
        "Let its sender put one in: sequence numbers are not enough." },
    [LK_REASON_MIP_NOT_HOME] = {
        "mip.not-home", "RFC 6275 9.5.1", LK_BY_ANCHOR,
        "The update is for a correspondent node, or a gateway's.",
        "Let the node set H, and leave P to gateways." },
    [LK_REASON_MIP_CLIENT] = {
        "mip.client", "RFC 3957 7", LK_BY_AAA,
        "The client asks as an agent that its row is not, or for a key that another agent has.",
        "Write agent, and agent_is: home for a home agent, into its row, or look at who asks." },
    [LK_REASON_MIP_WAY] = {
        "mip.way", "RFC 3957 3", LK_BY_AAA | LK_BY_ANCHOR | LK_BY_BSF | LK_BY_FA,
        "The subscriber may not come to keys of Mobile IP by this way.",
        "latchkey subscriber show says which ways he may use, subscriber mip sets them." },
    [LK_REASON_MIP_FA_UNKNOWN] = {
        "mip.foreign-agent-unknown", "RFC 5944 3.8.2.1", LK_BY_ANCHOR,
        "A foreign agent passed the request on, and no row of anchor.mip.agents has the address "
        "that it came from.",
        "Add the address to the agent's row of anchor.mip.agents, or let the agent send from one "
        "that is there." },
    [LK_REASON_MIP_TAKEN] = {
        "mip.place-taken", "RFC 5944 3.7.2.1", LK_BY_FA,
        "A visitor in another name is served at that address and port, or waits for the answer to "
        "what its key has proven.",
        "Register from another port, or when that visit is over; else somebody writes the "
        "visitor's address as his." },
    [LK_REASON_MIP_COPY] = {
        "mip.copy", "RFC 5944 5.7", LK_BY_ANCHOR,
        "The request that was accepted last came again, octet by octet, from another place: "
        "somebody may have sent a copy, and may have been faster than the node.",
        "Nothing: the node asks anew, and its binding is where that comes from. If it is often so, "
        "somebody on its way hears its requests." },
};
