#include "tests/integration/process.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "absl/time/clock.h"

namespace nopo {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

TestProcess::TestProcess(const std::vector<std::string>& argv,
                         const std::map<std::string, std::string>& environment,
                         const std::string& dir, Streams streams) {
  std::vector<std::string> arguments = argv, variables;
  for (const auto& [key, value] : environment) variables.push_back(key + "=" + value);
  const std::vector<char*> argument_pointers = Pointers(arguments);
  const std::vector<char*> variable_pointers = Pointers(variables);
  const auto become_program = [&] {
    if (::chdir(dir.c_str()) == 0) {
      ::execvpe(argument_pointers[0], argument_pointers.data(), variable_pointers.data());
    }
    ::_exit(127);
  };
  if (streams == Streams::kTerminal) {
    StartOnTerminal(become_program);
  } else {
    StartOnPipes(become_program);
  }
}

void TestProcess::StartOnPipes(const std::function<void()>& become_program) {
  std::array<int, 2> out{}, err{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0) return;
  pid_ = ::fork();
  if (pid_ == 0) {
    ::setpgid(0, 0);
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, 0);
    ::dup2(out[1], 1);
    ::dup2(err[1], 2);
    become_program();
  }
  ::close(out[1]);
  ::close(err[1]);
  out_fd_.Reset(out[0]);
  err_fd_.Reset(err[0]);
  {
    MutexLock lock(mutex_);
    open_ = 2;
  }
  out_reader_ = std::thread([this] { Read(out_fd_.get(), out_); });
  err_reader_ = std::thread([this] { Read(err_fd_.get(), err_); });
}

void TestProcess::StartOnTerminal(const std::function<void()>& become_program) {
  const winsize size = {.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
  int master = -1;
  pid_ = ::forkpty(&master, nullptr, nullptr, &size);
  if (pid_ == 0) become_program();
  ::fcntl(master, F_SETFD, FD_CLOEXEC);
  out_fd_.Reset(master);
  {
    MutexLock lock(mutex_);
    open_ = 1;
  }
  out_reader_ = std::thread([this] { Read(out_fd_.get(), out_); });
}

TestProcess::~TestProcess() {
  if (pid_ > 0) Wait(absl::ZeroDuration());
}

void TestProcess::Signal(int signal) {
  if (pid_ > 0) ::kill(pid_, signal);
}

std::string TestProcess::Output() {
  MutexLock lock(mutex_);
  return out_ + err_;
}

bool TestProcess::WaitForOutput(const std::string& text, absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  const auto contains = [&](const std::string& output) {
    return output.find(text) != std::string::npos;
  };
  MutexLock lock(mutex_);
  while (!contains(out_) && !contains(err_)) {
    if (open_ == 0 || !changed_.WaitUntil(mutex_, deadline))
      return contains(out_) || contains(err_);
  }
  return true;
}

ProcessOutcome TestProcess::Wait(absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  {
    MutexLock lock(mutex_);
    while (open_ > 0 && changed_.WaitUntil(mutex_, deadline)) {
    }
    if (open_ > 0) ::kill(-pid_, SIGKILL);
  }
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  for (std::thread* reader : {&out_reader_, &err_reader_}) {
    if (reader->joinable()) reader->join();
  }
  MutexLock lock(mutex_);
  return {.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
          .out = out_,
          .err = err_};
}

void TestProcess::Type(const std::string& keys) {
  (void)!::write(out_fd_.get(), keys.data(), keys.size());
}

void TestProcess::Resize(int columns, int rows) {
  winsize size{};
  size.ws_col = static_cast<unsigned short>(columns);
  size.ws_row = static_cast<unsigned short>(rows);
  ::ioctl(out_fd_.get(), TIOCSWINSZ, &size);
}

bool TestProcess::IsRaw() const {
  termios mode{};
  ::tcgetattr(out_fd_.get(), &mode);
  return (mode.c_lflag & (ICANON | ECHO | ISIG)) == 0;
}

void TestProcess::Read(int fd, std::string& into) {
  std::array<char, 4096> buffer;
  ssize_t count;
  while ((count = ::read(fd, buffer.data(), buffer.size())) > 0) {
    MutexLock lock(mutex_);
    into.append(buffer.data(), count);
    changed_.NotifyAll();
  }
  MutexLock lock(mutex_);
  --open_;
  changed_.NotifyAll();
}

}  // namespace nopo
