// Finds who has a host port that a service wants.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/cancellation.h"
#include "daemon/docker/docker_engine.h"

namespace nopo {

// The address the engine could not bind, from its message: "127.0.0.1:8080" of "Bind for
// 127.0.0.1:8080 failed: port is already allocated". host_port 0 when there is none to be found.
PortMapping PortInMessage(absl::string_view message);

// The container of `containers` that runs and publishes `port`, other than `except_id`; else null.
const Container* PortPublisher(const std::vector<Container>& containers, const PortMapping& port,
                               absl::string_view except_id);

// The inode of a socket that listens on TCP `port`, in the text of /proc/net/tcp or tcp6.
std::optional<uint64_t> ListeningInode(absl::string_view proc_net_tcp, int port);

// "process 'nginx' (pid 123)" for the one below `proc` (/proc) that listens on TCP `port`; "" when
// nobody does or its owner is hidden from this user, and on systems without /proc.
std::string ListeningProcess(const std::filesystem::path& proc, int port);

// "container blog-web-1 (project blog)", "process 'nginx' (pid 123)" or "" when it is not to be
// found. Asks the engine for all containers and reads /proc: for errors only.
std::string PortOwner(DockerEngine& engine, const PortMapping& port, absl::string_view except_id,
                      const Cancellation& cancellation);

}  // namespace nopo
