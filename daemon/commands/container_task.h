// Runs a task's command line in a fresh container that is gone afterwards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "common/cancellation.h"
#include "daemon/docker/docker_engine.h"
#include "daemon/events/client_terminal.h"
#include "daemon/events/event_sink.h"
#include "daemon/graph/plan_runner.h"
#include "daemon/project/project.h"

namespace nopo {

struct ContainerCommand {
  std::string project;                // Slug: the project's name for Compose.
  std::string service;                // Target id.
  std::filesystem::path root;         // Of the project.
  std::filesystem::path config_file;  // The root nopo.yml.
  std::string image;                  // Present in the engine: it is not pulled.
  std::string run;                    // For the image's `sh -c`; its own entrypoint is not used.
  std::string dir;                    // In the container; "" = the image's.
  bool mount_project = false;         // `root` at kProjectInContainer, writable.
  EnvironmentMap env;                 // Added to the image's.
  std::vector<Mount> mounts;          // Further ones.
  std::string user;                   // "" = the image's.
  std::string network;                // "host", "none", a name; "" = the project's, if it exists.
  int64_t nano_cpus = 0, memory_bytes = 0;  // 0 = no limit.
  // Lent to the command, which then runs on a terminal; null: its input is empty.
  ClientTerminal* terminal = nullptr;
};

// Blocks until the command has ended and the container is removed, which it always is, with its
// anonymous volumes. The container is PROJECT-SERVICE-run-<12 hex digits> with the labels of
// Compose's one-off containers; on the project's network, other services are reachable by name.
// What the command prints becomes TaskOutput of `task`; on a terminal, TerminalAttached comes
// first.
//
// Errors (in TaskResult.status, with the last lines printed):
//   FAILED_PRECONDITION (TASK_FAILED)  it ended with another code than 0, which the status carries
//   CANCELLED                          `cancellation` fired; the command was killed
//   those of DockerEngine              the container cannot be made, or the engine went away
TaskResult RunContainerCommand(DockerEngine& docker, const std::string& task,
                               const ContainerCommand& command, EventSink& events,
                               const Cancellation& cancellation);

// What the container is made from. Pure; `slug` is 64 hex digits, `network` the main network's
// name.
ContainerSpec OneOffSpec(const ContainerCommand& command, const std::string& slug,
                         const std::string& network);

}  // namespace nopo
