#include "io/tun.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <linux/ipv6_route.h>
#include <linux/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static enum lk_status failed(char *error, size_t cap, const char *what, const char *name)
{
    (void)snprintf(error, cap, "cannot %s %s: %s%s", what, name, strerror(errno),
                   errno == EPERM || errno == EACCES
                       ? " (it takes CAP_NET_ADMIN, or a namespace of one's own: unshare --user "
                         "--map-root-user --net)"
                       : "");
    return LK_E_SYSTEM;
}

static bool bring_up(int socket4, const char *name)
{
    struct ifreq request = { 0 };

    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    request.ifr_mtu = LK_TUN_MTU;
    if (ioctl(socket4, SIOCSIFMTU, &request) != 0 || ioctl(socket4, SIOCGIFFLAGS, &request) != 0)
        return false;
    request.ifr_flags = (short)(request.ifr_flags | IFF_UP | IFF_RUNNING);
    return ioctl(socket4, SIOCSIFFLAGS, &request) == 0;
}

static void put_v4(struct sockaddr *to, const uint8_t octets[4])
{
    struct sockaddr_in address = { .sin_family = AF_INET };

    memcpy(&address.sin_addr, octets, 4);
    memcpy(to, &address, sizeof address);
}

static bool route_v4(int socket4, const char *name, const struct lk_address_prefix *network)
{
    char device[IFNAMSIZ];
    struct rtentry route = { .rt_flags = RTF_UP, .rt_dev = device };
    uint32_t mask = network->bits == 96 ? 0 : htonl(UINT32_MAX << (128 - network->bits));
    uint8_t octets[4];

    (void)snprintf(device, sizeof device, "%s", name);
    put_v4(&route.rt_dst, network->address.octets + LK_ADDRESS_LEN - 4);
    memcpy(octets, &mask, sizeof octets);
    put_v4(&route.rt_genmask, octets);
    return ioctl(socket4, SIOCADDRT, &route) == 0 || errno == EEXIST;
}

static bool route_v6(int socket6, int index, const struct lk_address_prefix *network)
{
    struct in6_rtmsg route = { .rtmsg_dst_len = network->bits, .rtmsg_metric = 1,
                               .rtmsg_flags = RTF_UP, .rtmsg_ifindex = index };

    memcpy(&route.rtmsg_dst, network->address.octets, LK_ADDRESS_LEN);
    return ioctl(socket6, SIOCADDRT, &route) == 0 || errno == EEXIST;
}

static bool routes(int socket4, int socket6, const struct lk_tun_setup *setup)
{
    struct ifreq request = { 0 };

    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", setup->name);
    if (ioctl(socket4, SIOCGIFINDEX, &request) != 0)
        return false;
    for (size_t i = 0; i < setup->networks; i++) {
        const struct lk_address_prefix *network = &setup->network[i];

        if (lk_address_is_v4(&network->address) ? !route_v4(socket4, setup->name, network)
                                                : !route_v6(socket6, request.ifr_ifindex, network))
            return false;
    }
    return true;
}

static bool configure(const struct lk_tun_setup *setup)
{
    int socket4 = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int socket6 = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool done = socket4 >= 0 && bring_up(socket4, setup->name) && routes(socket4, socket6, setup);
    int why = errno;

    if (socket4 >= 0)
        (void)close(socket4);
    if (socket6 >= 0)
        (void)close(socket6);
    errno = why;
    return done;
}

enum lk_status lk_tun_open(int *fd, const struct lk_tun_setup *setup, char *error, size_t cap)
{
    struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
    enum lk_status status;

    *fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (*fd < 0)
        return failed(error, cap, "open", "/dev/net/tun");
    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", setup->name);
    if (ioctl(*fd, TUNSETIFF, &request) == 0 && configure(setup))
        return LK_OK;
    status = failed(error, cap, "set up the TUN device", setup->name);
    (void)close(*fd);
    *fd = -1;
    return status;
}
