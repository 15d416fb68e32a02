// SPDX-License-Identifier: LGPL-2.1-or-later
// sandbox_neighbour.c - another library of the program: its constructor makes a thread, which asks for uname when
// main() is about to end. With NEIGHBOUR=filter the thread has a filter of its own by then.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

void neighbour_ask(void);

static pthread_t thread;
static sem_t ready, asked;

static void
install_own(void) {
  struct sock_filter allow = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
  struct sock_fprog filter = {1, &allow};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
    abort();
}

static void *
wait_and_ask(void *own_filter) {
  if (own_filter != NULL)
    install_own();
  sem_post(&ready);
  sem_wait(&asked);
  printf("thread: uname %s\n", syscall(SYS_uname, NULL) == -1 ? "let through" : "answered");
  return NULL;
}

// Asks for uname itself as well: a filter that is there this early ends the program here.
static __attribute__((constructor)) void
neighbour_start(void) {
  char *mode = getenv("NEIGHBOUR");
  if (syscall(SYS_uname, NULL) != -1 || sem_init(&ready, 0, 0) != 0 || sem_init(&asked, 0, 0) != 0
      || pthread_create(&thread, NULL, wait_and_ask, mode != NULL && strcmp(mode, "filter") == 0 ? mode : NULL) != 0)
    abort();
  sem_wait(&ready);
}

void
neighbour_ask(void) {
  sem_post(&asked);
  pthread_join(thread, NULL);
}
