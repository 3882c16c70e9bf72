// nopod: constructs everything once, serves, stops in reverse order.
//
// Environment: NOPO_SOCKET and XDG_* (see common/runtime_paths.h); LOG_LEVEL; NOPO_READY_FD, on
// which a line is written once the socket listens (or the reason why not); NOPO_PARENT_FD, a pipe
// whose closing ends the daemon; NOPO_PRIVATE=1, with which it removes its socket's folder.
#include <fcntl.h>
#include <grpc/grpc.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "common/logging.h"
#include "common/runtime_paths.h"
#include "common/standard_streams.h"
#include "common/status_macros.h"
#include "daemon/operations/operation_pool.h"
#include "daemon/operations/workspace.h"
#include "daemon/rpc/server.h"
#include "daemon/rpc/server_socket.h"

namespace nopo {
namespace {

constexpr int kMaxOperations = 256;
constexpr int kRetireSignal = SIGUSR1;  // End once idle: other clients wait for another daemon.
// All operations have ended by then: what remains is to hand their last words to clients.
constexpr absl::Duration kStopGrace = absl::Seconds(1);

// The descriptor named by environment variable `name`; empty when there is none.
UniqueFd InheritedFd(const char* name) {
  int fd = -1;
  if (!absl::SimpleAtoi(ReadProcessEnvironment(name), &fd) || fd <= 2) return UniqueFd();
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  return UniqueFd(fd);
}

// Tells the process that started us; it reads until the pipe is closed. "\n" means: we listen.
void AnswerStarter(UniqueFd ready, absl::string_view text) {
  if (!ready.valid()) return;
  [[maybe_unused]] const ssize_t written = ::write(ready.get(), text.data(), text.size());
}

// One daemon per socket: the lock is held as long as the process lives, however it ends.
//
// Errors: ALREADY_EXISTS when another daemon has it.
absl::StatusOr<UniqueFd> TakeLock(const RuntimePaths& paths) {
  UniqueFd lock(::open(paths.lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid()) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot open ", paths.lock.string(), ": ", std::strerror(errno)));
  }
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return absl::AlreadyExistsError("another nopod serves this socket");
  }
  return lock;
}

// Ends the daemon when the other end of `parent` is closed. Owns a thread.
class ParentWatch {
 public:
  explicit ParentWatch(UniqueFd parent) : parent_(std::move(parent)) {
    if (parent_.valid()) thread_ = std::thread([this] { Watch(); });
  }
  // The process is about to end and the pipe may stay open: the thread is left behind.
  ~ParentWatch() {
    if (thread_.joinable()) thread_.detach();
  }

 private:
  void Watch() const {
    char byte;
    while (::read(parent_.get(), &byte, 1) > 0) {
    }
    ::kill(::getpid(), SIGTERM);
  }

  const UniqueFd parent_;
  std::thread thread_;
};

// Lets running operations end by themselves, unless a signal to stop at once comes first.
void WaitUntilIdle(OperationPool& pool, const sigset_t& signals) {
  std::thread drain([&pool] {
    pool.Drain();
    ::kill(::getpid(), SIGTERM);
  });
  int signal = kRetireSignal;
  while (signal == kRetireSignal) ::sigwait(&signals, &signal);
  pool.Stop();
  drain.join();
}

absl::Status Serve(const RuntimePaths& paths, const sigset_t& signals, UniqueFd& ready) {
  NOPO_ASSIGN_OR_RETURN(const std::unique_ptr<Ledger> ledger,
                        Ledger::Open(paths.state_dir / "ledger.sqlite"));
  ProjectCache projects;
  EngineSessions engines;
  BuildHistory history(paths.state_dir / "history.sqlite");
  TreeWatcher watcher(TreeWatcher::DefaultLimit());
  WatchedTrees trees(watcher);
  ProjectRegistry registry;
  GitFactsCache git;
  ImageLayouts layouts(paths.state_dir / "layouts");
  Cancellation retiring;
  const Workspace workspace{projects, engines, *ledger, history, trees,
                            registry, git,     layouts, retiring};
  OperationPool pool(kMaxOperations);
  OperationIndex operations;
  const HandlerContext context{.workspace = workspace,
                               .pool = pool,
                               .operations = operations,
                               .started_at = absl::Now(),
                               .log_file = paths.log.string(),
                               .stop = [] { ::kill(::getpid(), SIGTERM); },
                               .retire = [] { ::kill(::getpid(), kRetireSignal); }};
  NOPO_ASSIGN_OR_RETURN(const ServerSocket socket, ListenAt(paths.socket));
  NOPO_ASSIGN_OR_RETURN(const std::unique_ptr<RpcServer> server, RpcServer::Start(socket, context));
  LogInfo(absl::StrCat("nopod ", NOPO_VERSION, " listens at ", paths.socket.string()));
  AnswerStarter(std::move(ready), "\n");

  int signal = 0;
  ::sigwait(&signals, &signal);
  LogInfo(absl::StrCat("stopping: ", ::strsignal(signal)));
  // Unlinked first, so that clients from now on start another daemon, which waits for our lock.
  if (socket.file.has_value()) socket.file->Remove();
  if (signal == kRetireSignal) {
    retiring.Cancel();
    WaitUntilIdle(pool, signals);
  }
  pool.Stop();
  server->Stop(kStopGrace);
  return absl::OkStatus();
}

// A private daemon's folder holds its socket and lock alone, and whoever made it may be gone.
void RemovePrivateFolder(const RuntimePaths& paths) {
  if (ReadProcessEnvironment("NOPO_PRIVATE") != "1") return;
  ::unlink(paths.socket.c_str());
  ::unlink(paths.lock.c_str());
  ::rmdir(paths.socket.parent_path().c_str());
}

absl::Status Run(UniqueFd& ready) {
  NOPO_ASSIGN_OR_RETURN(const RuntimePaths paths, FindRuntimePaths(ReadProcessEnvironment));
  NOPO_RETURN_IF_ERROR(MakePrivateDirectory(paths.socket.parent_path(), /*must_be_private=*/true));
  NOPO_RETURN_IF_ERROR(MakePrivateDirectory(paths.state_dir, /*must_be_private=*/false));
  NOPO_ASSIGN_OR_RETURN(const UniqueFd lock, TakeLock(paths));
  NOPO_RETURN_IF_ERROR(StartLogFile(paths.log, ReadProcessEnvironment("LOG_LEVEL")));

  // Blocked before the first thread starts, so that only sigwait() sees them.
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, kRetireSignal}) ::sigaddset(&signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  // Never balanced: letting gRPC shut down may stall the process for ten seconds.
  ::grpc_init();
  const ParentWatch parent(InheritedFd("NOPO_PARENT_FD"));
  const absl::Status outcome = Serve(paths, signals, ready);
  if (!outcome.ok()) LogError(std::string(outcome.message()));
  RemovePrivateFolder(paths);
  return outcome;
}

int Main(int argc, char** argv) {
  if (argc > 1) {
    const bool version = std::strcmp(argv[1], "--version") == 0;
    if (version)
      std::printf("nopod %s\n", NOPO_VERSION);
    else
      std::fprintf(stderr, "usage: nopod [--version]\nnopo starts it by itself\n");
    return version ? kExitOk : kExitBadArguments;
  }
  UniqueFd ready = InheritedFd("NOPO_READY_FD");
  const absl::Status outcome = Run(ready);
  // A daemon that finds another one at work has nothing to do, and its starter will find it too.
  if (outcome.ok() || absl::IsAlreadyExists(outcome)) return kExitOk;
  std::fprintf(stderr, "nopod: %s\n", std::string(outcome.message()).c_str());
  AnswerStarter(std::move(ready), absl::StrCat(std::string(outcome.message()), "\n"));
  return ExitCodeOf(outcome);
}

}  // namespace
}  // namespace nopo

int main(int argc, char** argv) {
  nopo::OpenStandardStreams();
  return nopo::Main(argc, argv);
}
